"""The description of the interface in OpenAPI's form, made from the routes and from the models of their bodies."""
