"""What runs inside the sandbox. It is laid there as a folder of its own and imports nothing else of ours."""
