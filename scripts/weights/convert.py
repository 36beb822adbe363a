"""Makes a safetensors file of a file of torch.save: see scripts/convert-pth.

convert.py FILE.pth FILE.safetensors [trust]
"""

import sys

import torch
from safetensors.torch import save_file

source, target, trust = sys.argv[1], sys.argv[2], len(sys.argv) > 3 and sys.argv[3] != ""
try:
    content = torch.load(source, map_location="cpu", weights_only=not trust)
except Exception as error:
    first = str(error).splitlines()[0]
    sys.exit(f"convert-pth: {source}: {first}" + ("" if trust else "; if you trust whoever made it, add --trust"))
if isinstance(content, torch.nn.Module):
    content = content.state_dict()
for key in ("state_dict", "model_state_dict", "model"):
    if isinstance(content.get(key), dict):
        content = content[key]
tensors = {name: tensor.contiguous().clone() for name, tensor in content.items() if isinstance(tensor, torch.Tensor)}
if not tensors:
    sys.exit(f"convert-pth: {source}: expected tensors under names, found none")
save_file(tensors, target, metadata={"format": "pt"})
print(f"{target}: {len(tensors)} tensors")
