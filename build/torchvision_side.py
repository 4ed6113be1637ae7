"""torchvision's half of the comparison in beside_torchvision.py; run by a Python that has torch and torchvision.

    prepare FOLDER         weights for both sides: FOLDER/<network>.safetensors and .pth
    serve FOLDER           answers `film PATH` and `crops N` on stdin, one line each, as the engine's example speed_server does
    detect FOLDER OUT      the paper's way, first process: joints of the four films of FOLDER, crops of them written to OUT
    score FOLDER OUT       second process: the crops read again and graded

Detectors are Faster R-CNN ResNet-50-FPN, scorers EfficientNet-B4, drawn from a hash as the parity test draws them. So that a patient costs what a patient
costs (every joint found, none of them elsewhere), the detectors' last layer is fitted to the four films: a least-squares solution, no training.
"""

import json
import sys
import time
import xml.etree.ElementTree as Xml
from pathlib import Path

import numpy as np
import torch
import torchvision
from PIL import Image
from torchvision.transforms import functional as F

TOP = Path(__file__).resolve().parent.parent
DETECTORS = {"narrowing": 43, "erosion": 45}
SCORERS = {"narrowing": 5, "erosion": 11}
LIMBS = ("LH", "RH", "LF", "RF")
MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]


def joints(task):
    """Class ids by label."""
    table = json.loads((TOP / "src/core/data/joints.json").read_text())
    return {joint["label"]: joint["class_id"] for joint in table[task]}


def detector(task):
    return torchvision.models.detection.fasterrcnn_resnet50_fpn(weights=None, weights_backbone=None, num_classes=DETECTORS[task]).eval()


def scorer(task):
    return torchvision.models.efficientnet_b4(weights=None, num_classes=SCORERS[task]).eval()


def picture(path):
    return F.to_tensor(Image.open(path).convert("L")).expand(3, -1, -1)


def films(folder):
    """The four films, by limb."""
    return {limb: next((folder / "cohort" / "images").glob(f"*-{limb}.*")) for limb in LIMBS}


def truths(folder, task, film):
    """Boxes by class id, as the label file has them."""
    path = folder / "cohort" / f"{task}_labels" / f"{film.stem}.xml"
    if not path.is_file():
        return {}
    ids = joints(task)
    edges = lambda box: [float(box.find(edge).text) for edge in ("xmin", "ymin", "xmax", "ymax")]
    return {ids[item.find("name").text]: edges(item.find("bndbox")) for item in Xml.parse(path).iter("object")}


def fit(model, folder, task):
    """Gives the last layer weights under which each joint is found where it is: the nearest proposal has its class and box, others are background."""
    seen = {}
    hooks = [model.roi_heads.box_head.register_forward_hook(lambda _m, _i, output: seen.update(features=output)),
             model.rpn.register_forward_hook(lambda _m, _i, output: seen.update(proposals=output[0][0])),
             model.transform.register_forward_hook(lambda _m, _i, output: seen.update(size=output[0].image_sizes[0]))]
    coder = model.roi_heads.box_coder
    rows, labels, offsets = [], [], []
    for film in films(folder).values():
        image = picture(film)
        model([image])
        scale = torch.tensor([seen["size"][1] / image.shape[2], seen["size"][0] / image.shape[1]] * 2)
        proposals = seen["proposals"]
        centres = (proposals[:, :2] + proposals[:, 2:]) / 2
        of_film = torch.zeros(len(proposals), dtype=torch.long)
        deltas = torch.zeros(len(proposals), DETECTORS[task], 4, dtype=torch.float64)
        for class_id, box in truths(folder, task, film).items():
            box = torch.tensor(box) * scale
            apart = (centres - (box[:2] + box[2:]) / 2).norm(dim=1)
            apart[of_film > 0] = float("inf")
            nearest = apart.argmin()
            of_film[nearest] = class_id
            deltas[nearest, class_id] = coder.encode_single(box[None], proposals[nearest][None])[0].double()
        rows.append(seen["features"])
        labels.append(of_film)
        offsets.append(deltas.flatten(1))
    features, labels = torch.cat(rows).double(), torch.cat(labels)
    features = torch.cat([features, torch.ones(len(features), 1)], 1)
    opinion = torch.zeros(len(labels), DETECTORS[task], dtype=torch.float64)
    opinion[torch.arange(len(labels)), labels] = 12.0
    wanted = torch.cat([opinion, torch.cat(offsets)], 1)
    weight = torch.where(labels > 0, 20.0, 1.0).double()[:, None]
    gram = features.T @ (weight * features) + 1e-6 * torch.eye(features.shape[1])
    solution = torch.linalg.solve(gram, features.T @ (weight * wanted)).T.float()
    predictor = model.roi_heads.box_predictor
    for layer, part in ((predictor.cls_score, solution[:DETECTORS[task]]), (predictor.bbox_pred, solution[DETECTORS[task]:])):
        layer.weight.copy_(part[:, :-1])
        layer.bias.copy_(part[:, -1])
    for hook in hooks:
        hook.remove()


def prepare(folder):
    sys.path.insert(0, str(TOP / "tests" / "fixtures"))
    import whole_networks as drawn

    def near_anchors(name, shape):
        middle, spread = drawn.detector_rule(name, shape)
        return middle, spread * (0.1 if name == "rpn.head.bbox_pred.weight" else 1)

    for kind, tasks, build, rule in (("detector", DETECTORS, detector, near_anchors), ("scorer", SCORERS, scorer, drawn.scorer_rule)):
        for task in tasks:
            model = build(task)
            drawn.fill(model, f"{kind} {task}", rule)
            if kind == "detector":
                fit(model, folder, task)
            drawn.save(model.state_dict(), folder / f"{kind}-{task}.safetensors")
            torch.save(model.state_dict(), folder / f"{kind}-{task}.pth")


def load(folder, kind, task):
    model = detector(task) if kind == "detector" else scorer(task)
    model.load_state_dict(torch.load(folder / f"{kind}-{task}.pth", weights_only=True))
    return model


def serve(folder):
    found, graded = load(folder, "detector", "narrowing"), load(folder, "scorer", "narrowing")
    mean, std = torch.tensor(MEAN).view(3, 1, 1), torch.tensor(STD).view(3, 1, 1)
    crops = torch.from_numpy(((np.arange(86 * 224 * 224) * 7919) % 1000 / 1000).astype(np.float32)).view(86, 1, 224, 224)
    print("ready", flush=True)
    for line in sys.stdin:
        what, argument = line.split(maxsplit=1)
        began = time.perf_counter()
        if what == "film":
            answer = len(found([picture(argument.strip())])[0]["scores"])
        else:
            answer = graded((crops[:int(argument)].expand(-1, 3, -1, -1) - mean) / std)[0, 0].item()
        print(answer, time.perf_counter() - began, flush=True)


def detect(folder, out):
    """Detects, keeps the best box of each class that the limb has, and writes its crop. Erosion is looked for in hands; feet take narrowing's boxes."""
    models = {task: load(folder, "detector", task) for task in DETECTORS}
    for limb, film in films(folder).items():
        gray, image = Image.open(film).convert("L"), picture(film)
        for task in DETECTORS:
            if task == "narrowing" or limb.endswith("H"):
                found = models[task]([image])[0]
            of_limb = {label: class_id for label, class_id in joints(task).items() if label.startswith(limb)}
            source = of_limb if limb.endswith("H") else {label: joints("narrowing")[label] for label in of_limb}
            for label, class_id in source.items():
                of_class = (found["labels"] == class_id).nonzero().flatten()
                if len(of_class):
                    x0, y0, x1, y1 = found["boxes"][of_class[0]].tolist()
                    box = (int(np.ceil(x0)), int(np.ceil(y0)), int(x1), int(y1))
                    gray.crop(box).save(out / f"{task}-{label}.png")


def score(folder, out):
    """Reads the crops, fills them up to squares, scales and grades them, a batch a scorer."""
    grades = {}
    for task in SCORERS:
        names, batch = [], []
        for path in sorted(out.glob(f"{task}-*.png")):
            x = F.normalize(picture(path), MEAN, STD)
            height, width = x.shape[1:]
            side = max(height, width)
            left, top = (side - width) // 2, (side - height) // 2
            x = F.pad(x, [left, top, side - width - left, side - height - top])
            batch.append(F.resize(x, [224, 224], antialias=True))
            names.append(path.stem)
        if batch:
            grades |= dict(zip(names, load(folder, "scorer", task)(torch.stack(batch)).argmax(1).tolist()))
    print(json.dumps(grades))


if __name__ == "__main__":
    command, folder, *rest = sys.argv[1:]
    with torch.inference_mode():
        {"prepare": prepare, "serve": serve, "detect": detect, "score": score}[command](Path(folder), *map(Path, rest))
