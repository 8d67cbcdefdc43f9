"""One module an interface: it reads the databag into a frozen value and writes ours."""
