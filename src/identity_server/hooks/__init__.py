"""What the configuration runs before and after flows."""
