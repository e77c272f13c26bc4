import dataclasses

from chipscale.stack.contact import contacts, net_pieces


def test_every_net_is_one_piece_from_pad_to_ball(small, caravel):
    for stack, count in ((small, 5), (caravel, 57)):
        pieces = net_pieces(stack)
        assert len(pieces) == count
        assert {net: len(found) for net, found in pieces.items() if len(found) != 1} == {}


def test_a_ball_stands_on_its_pad(small):
    (names,) = net_pieces(small)["vss"]
    for layer in ("PAD.pA1", "RDL.vss", "RDL.vss.plug1", "UBM.A1", "UBM.A1.plug", "BALL.A1"):
        assert layer in names


def test_contact_areas_are_those_of_the_openings(small):
    by_pair = {(touch.lower, touch.upper): touch.area_um2 for touch in contacts(small)}
    assert abs(by_pair["PAD.pA1", "RDL.vss.plug1"] - 3600.0) < 1e-6
    plug = small.body("UBM.A1.plug")
    assert abs(by_pair["RDL.vss", "UBM.A1.plug"] - plug.bottom.area) < 1e-6


def test_a_missing_opening_cuts_the_net(small_layout, small_stack):
    kept = tuple(shape for shape in small_layout.polygons if not (shape.layer == "PI1" and shape.name == "pA1"))
    layout = dataclasses.replace(small_layout, polygons=kept)
    pieces = net_pieces(small_stack(layout))
    assert sorted(map(len, pieces["vss"]))[0] == 1
    assert ("PAD.pA1",) in pieces["vss"]
