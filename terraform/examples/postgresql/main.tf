# Three units on PostgreSQL, behind Traefik.

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

resource "juju_application" "postgresql" {
  name       = "postgresql-k8s"
  model_uuid = juju_model.identity.uuid
  trust      = true

  charm {
    name    = "postgresql-k8s"
    channel = "14/stable"
  }
}

resource "juju_application" "traefik" {
  name       = "traefik-k8s"
  model_uuid = juju_model.identity.uuid
  trust      = true

  charm {
    name    = "traefik-k8s"
    channel = "latest/stable"
  }
}

module "kratos" {
  source = "../.."

  model_uuid = juju_model.identity.uuid
  units      = 3
}

resource "juju_integration" "database" {
  model_uuid = juju_model.identity.uuid

  application {
    name     = module.kratos.app_name
    endpoint = module.kratos.requires.pg-database
  }

  application {
    name     = juju_application.postgresql.name
    endpoint = "database"
  }
}

resource "juju_integration" "public_route" {
  model_uuid = juju_model.identity.uuid

  application {
    name     = module.kratos.app_name
    endpoint = module.kratos.requires.public-route
  }

  application {
    name     = juju_application.traefik.name
    endpoint = "traefik-route"
  }
}
