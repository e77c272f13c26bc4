"""PROCESS: steps as plugins, flows as data; running a flow on the masks makes the Stack, and nothing else does."""
