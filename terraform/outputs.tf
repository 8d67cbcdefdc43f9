output "app_name" {
  description = "Name of the application."
  value       = juju_application.kratos.name
}

output "requires" {
  description = "Endpoints that other applications provide for."
  value = {
    charm-tracing               = "charm-tracing"
    hydra-endpoint-info         = "hydra-endpoint-info"
    ingress                     = "ingress"
    internal-route              = "internal-route"
    kratos-external-idp         = "kratos-external-idp"
    kratos-login-webhook        = "kratos-login-webhook"
    kratos-registration-webhook = "kratos-registration-webhook"
    logging                     = "logging"
    openfga                     = "openfga"
    pg-database                 = "pg-database"
    public-route                = "public-route"
    receive-ca-cert             = "receive-ca-cert"
    smtp                        = "smtp"
    tracing                     = "tracing"
    ui-endpoint-info            = "ui-endpoint-info"
  }
}

output "provides" {
  description = "Endpoints that other applications may use."
  value = {
    grafana-dashboard = "grafana-dashboard"
    kratos-info       = "kratos-info"
    metrics-endpoint  = "metrics-endpoint"
  }
}
