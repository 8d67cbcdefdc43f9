"""One unit's pod: its containers, its network and its file systems, as far as the machine can keep them apart."""
