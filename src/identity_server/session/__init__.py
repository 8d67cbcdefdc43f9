"""Sessions: what they are, how long they last, which level they reach."""
