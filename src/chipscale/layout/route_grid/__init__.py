"""A grid-negotiated redistribution router with exact any-angle polishing, in separable stages.

`router.route` runs them all; `negotiate`, `polish`, `spreading` and `verify` also work on their own.
"""
