"""The story `make demo` plays: the platform's main job from a scan to a proof, on the running platform (A3, A7-A23, A26-A30, A34)."""
