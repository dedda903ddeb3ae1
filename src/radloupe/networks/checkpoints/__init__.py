"""Released checkpoints of other projects: safe reading, and rules that translate tensor names."""
