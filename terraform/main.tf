resource "juju_application" "kratos" {
  name        = var.app_name
  model_uuid  = var.model_uuid
  units       = var.units
  config      = var.config
  constraints = var.constraints
  resources   = var.resources
  trust       = var.trust

  storage_directives = var.storage

  charm {
    name     = var.charm
    channel  = var.channel
    revision = var.revision
    base     = var.base
  }
}
