"""A learner without a browser: demo, load generator and test tool in one. Knows no Django."""
