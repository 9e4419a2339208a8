"""What runs inside the sandbox, beside a learner's code. It knows no check and no mark."""
