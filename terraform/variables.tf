variable "model_uuid" {
  description = "UUID of the model to deploy into."
  type        = string
}

variable "app_name" {
  description = "Name of the application."
  type        = string
  default     = "kratos"
}

variable "charm" {
  description = "Name of the charm in the store."
  type        = string
  default     = "kratos"
}

variable "channel" {
  description = "Channel of the charm."
  type        = string
  default     = "latest/stable"
}

variable "revision" {
  description = "Revision of the charm; null for the newest of the channel."
  type        = number
  default     = null
}

variable "base" {
  description = "Base of the charm."
  type        = string
  default     = "ubuntu@24.04"
}

variable "units" {
  description = "Number of units. More than one needs pg-database."
  type        = number
  default     = 1

  validation {
    condition     = var.units >= 0 && floor(var.units) == var.units
    error_message = "The number of units is a whole number, 0 or more."
  }
}

variable "config" {
  description = "Options of the charm, as docs/reference/config.md lists them."
  type        = map(string)
  default     = {}
}

variable "constraints" {
  description = "Constraints of the application."
  type        = string
  default     = null
}

variable "resources" {
  description = "Resources of the charm: oci-image, verification-email-template."
  type        = map(string)
  default     = {}
}

variable "storage" {
  description = "Storage of the embedded database, such as { data = \"5G\" }; unused with pg-database."
  type        = map(string)
  default     = {}
}

variable "trust" {
  description = "Whether the application may use the cluster: for the Admin UI's ConfigMaps and the options cpu and memory."
  type        = bool
  default     = true
}
