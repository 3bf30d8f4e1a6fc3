"""all-MiniLM-L6-v2 for LibTorch, of the very weights that LangChain4j's jar ships as ONNX: python minilm.py JAR FOLDER"""

import json
import sys
import zipfile
from pathlib import Path

import onnx
import torch
from onnx import numpy_helper
from transformers import BertConfig, BertModel

CONFIG = BertConfig(
    vocab_size=30522, hidden_size=384, num_hidden_layers=6, num_attention_heads=12, intermediate_size=1536,
    max_position_embeddings=512, type_vocab_size=2, layer_norm_eps=1e-12, hidden_act="gelu", pad_token_id=0,
)  # fmt: skip


class TokenVectors(torch.nn.Module):
    """One vector for each token: pooling is left to Java."""

    def __init__(self, transformer):
        super().__init__()
        self.transformer = transformer

    def forward(self, input_ids, attention_mask, token_type_ids):
        return self.transformer(input_ids, attention_mask, token_type_ids=token_type_ids).last_hidden_state


def weights(graph):
    """By the module's names. The exporter has turned the matrices of linear layers, and named them by numbers."""
    found = {tensor.name: torch.tensor(numpy_helper.to_array(tensor)) for tensor in graph.initializer}
    for node in graph.node:
        if node.op_type == "MatMul" and node.input[1] in found:
            layer = node.name.strip("/").removesuffix("/MatMul").replace("/", ".")
            found[layer + ".weight"] = found.pop(node.input[1]).T.contiguous()
    return found


def model(graph):
    bert = BertModel(CONFIG, add_pooling_layer=False).eval()
    own = bert.state_dict()
    found = weights(graph)
    bert.load_state_dict({name: found[name] for name in own if name in found}, strict=False)
    missing = [name for name in own if name not in found and "position_ids" not in name]
    if missing:
        sys.exit(f"the ONNX file lacks {missing}")
    return TokenVectors(bert)


def main(jar, folder):
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(jar) as packed:
        graph = onnx.load_model_from_string(packed.read("all-minilm-l6-v2.onnx")).graph
        (folder / "model.onnx").write_bytes(packed.read("all-minilm-l6-v2.onnx"))
        (folder / "tokenizer.json").write_bytes(packed.read("all-minilm-l6-v2-tokenizer.json"))
    (folder / "tokenizer_config.json").write_text(json.dumps({"model_max_length": 512, "pad_token": "[PAD]"}))
    sample = (torch.randint(1000, 20000, (2, 9)), torch.ones(2, 9, dtype=torch.long), torch.zeros(2, 9, dtype=torch.long))
    module = model(graph)
    with torch.no_grad():
        torch.jit.trace(module, sample).save(folder / "model.pt")
        sizes = {0: torch.export.Dim("texts", max=4096), 1: torch.export.Dim("tokens", max=512)}
        torch.export.save(torch.export.export(module, sample, dynamic_shapes=(sizes,) * 3), folder / "model.pt2")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
