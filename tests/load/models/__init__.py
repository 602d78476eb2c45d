"""``make bench-models``: our expression net beside others', on the same pictures."""
