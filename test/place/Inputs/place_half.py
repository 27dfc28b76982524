"""place_half.py LAYERS: an override file that puts the second half of convolutions.py's chain on the NPU."""
import json
import sys

layers = int(sys.argv[1])
name = "integer_conv2d_3x3_rescale_max_min_cast_"
print(json.dumps({f"{name}{i}": "cpu" if 2 * i < layers else "npu-128" for i in range(layers)}))
