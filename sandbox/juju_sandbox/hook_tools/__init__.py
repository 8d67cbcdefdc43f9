"""The hook tools, one module a family; `registry` knows them by name."""
