"""What is told of this product to learners, parents and authorities, from what really is."""
