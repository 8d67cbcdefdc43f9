"""One small file a vendor; ``catalogue`` knows them all."""
