# One unit on its embedded database.

terraform {
  required_providers {
    juju = {
      source  = "juju/juju"
      version = ">= 1.0.0"
    }
  }
}

resource "juju_model" "identity" {
  name = "identity"
}

module "kratos" {
  source = "../.."

  model_uuid = juju_model.identity.uuid
  storage    = { data = "5G" }
  config = {
    log_level = "info"
  }
}
