"""The names a design rule may have and what each one means; a rule set gives values to some of them."""

from __future__ import annotations

RULE_MEANINGS: dict[str, str] = {
    # first dielectric (PI1): opens the pads
    "pi1_min_width_um": "least width of a first-dielectric opening",
    "pi1_min_space_um": "least space between two first-dielectric openings",
    "pad_enc_pi1_um": "bond pad metal beyond the first-dielectric opening on it, on every side",
    # redistribution metal (every layer of it)
    "rdl_min_width_um": "least width of redistribution metal",
    "rdl_min_space_um": "least space between redistribution metal of different pieces",
    "rdl_notch_min_um": "least space between two edges of one piece of redistribution metal (notch)",
    "rdl_wide_space_um": "least space to wide redistribution metal along a long run",
    "rdl_wide_width_um": "redistribution metal at least this wide counts as wide (with rdl_wide_space_um)",
    "rdl_wide_run_um": "a run longer than this counts as long (with rdl_wide_space_um)",
    "rdl_enc_pi1_um": "redistribution metal beyond the first-dielectric opening under it, on every side",
    "rdl_pad_min_width_um": "least width of the redistribution metal over a bond pad",
    "rdl_enc_pad_um": "redistribution metal beyond the bond pad it connects to, on every side",
    "rdl_to_pad_space_um": "least space between redistribution metal and a bond pad it does not connect to",
    "rdl_to_sealring_outer_um": "redistribution metal to the outer edge of the seal ring, least",
    # openings between two redistribution layers
    "via_min_width_um": "least width of an opening between redistribution layers",
    "via_min_space_um": "least space between openings between redistribution layers",
    "rdl_enc_via_um": "redistribution metal (both layers) beyond an opening between them, on every side",
    # last dielectric (PI2): opens the lands
    "pi2_min_width_um": "least width of a last-dielectric opening",
    "pi2_min_space_um": "least space between two last-dielectric openings",
    "pi2_to_sealring_outer_um": "last-dielectric opening to the outer edge of the seal ring, least",
    "pi1_pi2_min_space_um": "least space between a first- and a last-dielectric opening; they may not overlap",
    "pi1_pi2_diff_net_space_um": "least space between a first- and a last-dielectric opening of different nets",
    "pi2_enc_pi1_um": "last-dielectric opening beyond a first-dielectric opening it lies over, on every side",
    "pi2_min_remaining_ratio": "least part left of a truncated last-dielectric opening, by area of the full disc",
    "rdl_enc_pi2_um": "redistribution metal beyond the last-dielectric opening on it, on every side",
    "land_min_width_um": "least width of the redistribution metal under a last-dielectric opening",
    # under-bump metal
    "ubm_min_width_um": "least width of under-bump metal",
    "ubm_min_space_um": "least space between under-bump metals",
    "ubm_enc_pi2_um": "under-bump metal beyond the last-dielectric opening under it, on every side",
    "rdl_enc_ubm_um": "redistribution metal beyond the under-bump metal on it, on every side",
    "pi1_ubm_min_space_um": "least space between a first-dielectric opening and under-bump metal; no overlap",
    "ubm_center_to_sealring_outer_um": "centre of the under-bump metal to the outer edge of the seal ring, least",
    # balls
    "bump_min_width_um": "least width of a ball",
    "bump_pitch_um": "centre-to-centre distance of neighbouring balls, least",
    "bump_min_space_um": "least space between two balls",
    "bump_to_sealring_outer_um": "ball to the outer edge of the seal ring, least",
    # grooves from the die's back
    "groove1_min_width_um": "least width of the first groove at the die's back, from the die's edge",
    "groove1_to_sensing_um": "first groove at the die's back to the sensing area, least",
    "groove2_min_width_um": "least width of the second groove, from the die's edge",
    "groove1_enc_groove2_um": "first groove at the die's back beyond the second groove",
    "groove2_to_cavity_um": "second groove to the cavity, least: what it leaves of the cavity wall",
    "wall_min_width_um": "least width of the cavity wall",
    "cavity_enc_sensing_um": "cavity beyond the sensing area, on every side",
    "pad_cut_min_um": "least length of a bond pad that the second groove cuts off",
    "pad_left_min_um": "least length of a bond pad that the second groove leaves",
    "rdl_in_groove2_um": "redistribution metal into the second groove, least",
    "edge_contact_min_um": "least width of redistribution metal on the cut edge of a bond pad",
    "ins_open_min_width_um": "least width of an opening of the insulation on a bond pad",
    "pad_enc_ins_open_um": "bond pad beyond the opening of the insulation on it, on every side",
    "rdl_enc_ins_open_um": "redistribution metal beyond the opening of the insulation under it, on every side",
    "rdl_to_groove1_um": "redistribution metal on the back to the first groove it does not go into, least",
    "rdl_to_outline_um": "redistribution metal to the die's edge, least",
    # solder mask
    "smo_min_width_um": "least width of a solder-mask opening",
    "smo_min_space_um": "least space between two solder-mask openings",
    "smo_to_groove1_um": "solder-mask opening to the first groove at the die's back, least",
    "rdl_enc_smo_um": "redistribution metal beyond the solder-mask opening on it, on every side",
    "bump_to_groove1_um": "ball to the first groove at the die's back, least",
    # die
    "die_min_short_um": "shortest allowed short side of the die",
    "die_min_long_um": "shortest allowed long side of the die",
    "die_max_short_um": "longest allowed short side of the die",
    "die_max_long_um": "longest allowed long side of the die",
}
