"""torchvision's half of the comparison in beside_torchvision.py; run by a Python that has torch and torchvision.

    prepare FOLDER         weights for both sides: FOLDER/<network>.safetensors and .pth
    draw FOLDER            a detector of the same kind as the parity test draws it, `detector-drawn`, and its film FOLDER/drawn.png
    serve FOLDER [DEVICE]  answers questions on stdin, one JSON object a line, as `svh-engine measure` does
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
    return torchvision.models.detection.fasterrcnn_resnet50_fpn(weights=None, weights_backbone=None, num_classes=DETECTORS.get(task, 43)).eval()


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


def draw(folder):
    """The fitted layers of the other detectors make much of rounding; this one tells whether two programs compute the same."""
    sys.path.insert(0, str(TOP / "tests" / "fixtures"))
    import whole_networks as drawn

    model = detector("drawn")
    drawn.fill(model, "narrowing", drawn.detector_rule)
    drawn.save(model.state_dict(), folder / "detector-drawn.safetensors")
    torch.save(model.state_dict(), folder / "detector-drawn.pth")
    Image.fromarray(drawn.film("narrowing", *drawn.SIZE)).save(folder / "drawn.png")


def load(folder, kind, task):
    model = detector(task) if kind == "detector" else scorer(task)
    model.load_state_dict(torch.load(folder / f"{kind}-{task}.pth", weights_only=True))
    return model


def serve(folder, device="cpu"):
    """Answers the questions of `svh-engine measure` (see src/engine/src/measure.rs); a model's weights are those that its folder is named after."""
    device, models = torch.device(device), {}

    def model(question):
        kind, task = Path(question["model"]).name.split("-")
        return models.setdefault((kind, task), load(folder, kind, task).to(device))

    print(json.dumps({"ready": True, "torch": torch.__version__, "torchvision": torchvision.__version__}), flush=True)
    for line in sys.stdin:
        question = json.loads(line)
        try:
            if question["ask"] == "train":
                models.clear()
                answer = train(question, device)
            else:
                with torch.inference_mode():
                    answer = {"detect": detect_films, "grade": grade_crops}[question["ask"]](model(question), question, device)
        except Exception as error:  # an answer of its own: the other questions are still to be answered
            answer = {"error": f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"}
        if device.type == "cuda":
            answer["peak_bytes"] = torch.cuda.max_memory_reserved()
            torch.cuda.empty_cache()
            torch.cuda.reset_peak_memory_stats()
        print(json.dumps(answer), flush=True)


def rounds(question, device, work):
    """Does something as often as asked; what came of the last time, and the seconds of each."""
    seconds = []
    while len(seconds) < question["rounds"]:
        finish(device)
        began = time.perf_counter()
        done = work()
        finish(device)
        seconds.append(time.perf_counter() - began)
    return done, seconds


def finish(device):
    if device.type == "cuda":
        torch.cuda.synchronize()


def autocast(device, kind, wanted):
    return torch.autocast(device.type, kind, enabled=bool(wanted))


def detect_films(model, question, device):
    films, size = question["films"], question["batch"]
    decoded = {film: picture(film) for film in set(films)} if not question.get("decode") else None

    def work():
        found = []
        for first in range(0, len(films), size):
            images = [(decoded[film] if decoded else picture(film)).to(device) for film in films[first:first + size]]
            with autocast(device, torch.float16, question.get("half")):
                found += [{name: value.float().cpu() for name, value in film.items()} for film in model(images)]
        return found

    found, seconds = rounds(question, device, work)
    rows = lambda film: [[int(label), score, *box] for label, score, box in zip(film["labels"], film["scores"].tolist(), film["boxes"].tolist())]
    return {"found": [rows(film) for film in found], "seconds": seconds, "batch": size}


def formula(count, height, width):
    """Pictures of values from 0 to 0.999: [count, 1, height, width]."""
    return torch.from_numpy(((np.arange(count * height * width) * 7919) % 1000 / 1000).astype(np.float32)).view(count, 1, height, width)


def normalised(crops, device):
    mean, std = torch.tensor(MEAN, device=device).view(3, 1, 1), torch.tensor(STD, device=device).view(3, 1, 1)
    return (crops.to(device) - mean) / std


def grade_crops(model, question, device):
    crops, size = formula(question["crops"], 224, 224), question["batch"]

    def work():
        with autocast(device, torch.float16, question.get("half")):
            return [row for first in range(0, len(crops), size) for row in model(normalised(crops[first:first + size], device)).float().tolist()]

    logits, seconds = rounds(question, device, work)
    return {"logits": logits, "seconds": seconds, "batch": size}


def train(question, device):
    """Steps over films or crops that stay the same, from random weights with living norms."""
    side, count, losses = question["side"], question["batch"], []
    if question["network"] == "detector":
        model = torchvision.models.detection.fasterrcnn_resnet50_fpn(
            weights=None, weights_backbone=None, num_classes=43, trainable_backbone_layers=5, min_size=side)
        height, width, cell = side * 5 // 4, side, side / 8
        images = list(formula(count, height, width).expand(-1, 3, -1, -1).to(device))
        centres = torch.tensor([[cell * (1 + place % 7), cell * (1.5 + place // 7 * 2)] for place in range(21)])
        boxes = torch.cat([centres - 0.35 * cell, centres + 0.35 * cell], 1).to(device)
        targets = [{"boxes": boxes, "labels": torch.arange(1, 22, device=device)} for _ in range(count)]
        loss_of = lambda: sum(model(images, targets).values())
    else:
        model = getattr(torchvision.models, question["arch"])(weights=None, num_classes=5)
        grades = torch.arange(count) % 5
        crops, grades = 0.5 * formula(count, side, side) + 0.1 * grades.view(-1, 1, 1, 1), grades.to(device)
        loss_of = lambda: torch.nn.functional.cross_entropy(model(normalised(crops, device)).float(), grades)
    model = model.to(device).train()
    parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimiser = torch.optim.SGD(parameters, lr=0.01, momentum=0.9, weight_decay=0.0005)

    def step():
        optimiser.zero_grad()
        with autocast(device, torch.bfloat16, question.get("bf16")):
            loss = loss_of()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 10.0)
        optimiser.step()
        losses.append(loss.item())

    _, seconds = rounds(question, device, step)
    return {"losses": losses, "seconds": seconds, "batch": count}


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
    if command == "serve":
        serve(Path(folder), *rest)
    else:
        with torch.inference_mode():
            {"prepare": prepare, "draw": draw, "detect": detect, "score": score}[command](Path(folder), *map(Path, rest))
