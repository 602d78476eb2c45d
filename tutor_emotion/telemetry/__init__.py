"""What an operator sees: metrics, traces, logs and health. Never a person."""
