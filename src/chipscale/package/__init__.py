"""DESIGN: pads, balls, nets and the package families that join them."""
