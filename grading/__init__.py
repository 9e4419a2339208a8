"""The instructor's side: exercises made from worked answers, and nbgrader's configuration."""
