"""Load footprints with KiCad's own reader and print what it understood as JSON (run by the system's Python)."""

import json
import sys

import pcbnew


def main():
    found = {}
    for path in sys.argv[1:]:
        folder, _, file = path.rpartition("/")
        footprint = pcbnew.FootprintLoad(folder, file.removesuffix(".kicad_mod"))
        models = [(m.m_Filename, m.m_Offset.x, m.m_Offset.y, m.m_Offset.z, m.m_Rotation.y) for m in footprint.Models()]
        layers = sorted({item.GetLayerName() for item in footprint.GraphicalItems()})
        found[path] = {
            "pads": [
                {
                    "name": pad.GetNumber(),
                    "at_nm": list(pad.GetPos0()),
                    "net": pad.GetPinFunction(),
                    "d_nm": pad.GetSize().x,
                    "mask_nm": pad.GetLocalSolderMaskMargin(),
                    "paste_nm": pad.GetLocalSolderPasteMargin(),
                    "mask": pad.IsOnLayer(pcbnew.F_Mask),
                    "paste": pad.IsOnLayer(pcbnew.F_Paste),
                    "round": pad.GetShape() == pcbnew.PAD_SHAPE_CIRCLE,
                }
                for pad in footprint.Pads()
            ],
            "smd": bool(footprint.GetAttributes() & pcbnew.FP_SMD),
            "models": models,
            "layers": layers,
        }
    print(json.dumps(found))


main()
