"""The ways out of the courier."""
