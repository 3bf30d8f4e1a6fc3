"""Transformers that read."""

import torch
import transformers as hf

from .registry import add, ids

WORDS = 1000


class Last(torch.nn.Module):
    """A model of transformers that answers with the first of its tensors."""

    def __init__(self, model):
        super().__init__()
        self.model = model
        model.config.use_cache = False

    def forward(self, tokens):
        return self.model(tokens, return_dict=False)[0]


SIZES = dict(vocab_size=WORDS, hidden_size=256, num_hidden_layers=4, num_attention_heads=4, intermediate_size=1024)


def reader(name, description, build, tokens=128, other=90):
    add(name, "text transformer", f"transformers {description}", lambda: Last(build()), [ids(WORDS, 1, tokens)],
        [ids(WORDS, 2, other)], [ids(WORDS, 1, other)])


reader("bert", "BERT, 256 wide, 4 layers", lambda: hf.BertModel(hf.BertConfig(**SIZES), add_pooling_layer=False))
reader("roberta", "RoBERTa with a classifier", lambda: hf.RobertaForSequenceClassification(hf.RobertaConfig(**SIZES)))
reader("distilbert", "DistilBERT", lambda: hf.DistilBertModel(hf.DistilBertConfig(
    vocab_size=WORDS, dim=256, n_layers=3, n_heads=4, hidden_dim=1024)))
reader("albert", "ALBERT", lambda: hf.AlbertModel(hf.AlbertConfig(embedding_size=64, **SIZES), add_pooling_layer=False))
reader("electra", "ELECTRA, tokens classified", lambda: hf.ElectraForTokenClassification(hf.ElectraConfig(embedding_size=64, **SIZES)))
reader("mpnet", "MPNet", lambda: hf.MPNetModel(hf.MPNetConfig(**SIZES), add_pooling_layer=False))
reader("deberta_v2", "DeBERTa v2", lambda: hf.DebertaV2Model(hf.DebertaV2Config(
    relative_attention=True, pos_att_type=["p2c", "c2p"], **SIZES)))
reader("t5_encoder", "T5 encoder", lambda: hf.T5EncoderModel(hf.T5Config(
    vocab_size=WORDS, d_model=256, d_kv=64, d_ff=1024, num_layers=4, num_heads=4)))
reader("gpt2", "GPT-2", lambda: hf.GPT2Model(hf.GPT2Config(vocab_size=WORDS, n_embd=256, n_layer=4, n_head=4)), tokens=64, other=40)
reader("gpt_neox", "GPT-NeoX, rotary positions", lambda: hf.GPTNeoXModel(hf.GPTNeoXConfig(**SIZES)), tokens=64, other=40)
reader("llama", "Llama, RMS norm and SwiGLU", lambda: hf.LlamaModel(hf.LlamaConfig(num_key_value_heads=2, **SIZES)), tokens=64, other=40)
reader("qwen2", "Qwen 2 with its head", lambda: hf.Qwen2ForCausalLM(hf.Qwen2Config(num_key_value_heads=2, **SIZES)), tokens=32, other=20)
reader("fnet", "FNet", lambda: hf.FNetModel(hf.FNetConfig(
    vocab_size=WORDS, hidden_size=256, num_hidden_layers=4, intermediate_size=1024), add_pooling_layer=False))
reader("convbert", "ConvBERT", lambda: hf.ConvBertModel(hf.ConvBertConfig(embedding_size=64, **SIZES)))
reader("squeezebert", "SqueezeBERT", lambda: hf.SqueezeBertModel(hf.SqueezeBertConfig(embedding_size=256, **SIZES)))


class Encoder(torch.nn.Module):
    """PyTorch's own encoder, before or after normalisation."""

    def __init__(self, first):
        super().__init__()
        self.embed = torch.nn.Embedding(WORDS, 256)
        layer = torch.nn.TransformerEncoderLayer(256, 8, 512, activation="gelu", batch_first=True, norm_first=first)
        self.encoder = torch.nn.TransformerEncoder(layer, 3, enable_nested_tensor=False)
        self.out = torch.nn.Linear(256, 10)

    def forward(self, tokens):
        return self.out(self.encoder(self.embed(tokens)).mean(1))


add("torch_encoder", "text transformer", "torch.nn.TransformerEncoder, normalised first", lambda: Encoder(True), [ids(WORDS, 1, 64)],
    [ids(WORDS, 3, 50)])


class Translator(torch.nn.Module):
    """PyTorch's own transformer, both halves."""

    def __init__(self):
        super().__init__()
        self.embed = torch.nn.Embedding(WORDS, 128)
        self.transformer = torch.nn.Transformer(128, 4, 2, 2, 512, batch_first=True)
        self.out = torch.nn.Linear(128, WORDS)

    def forward(self, source, target):
        n = target.shape[1]
        future = torch.triu(torch.full((n, n), float("-inf"), dtype=self.out.weight.dtype), diagonal=1)
        return self.out(self.transformer(self.embed(source), self.embed(target), tgt_mask=future))


add("translator", "text transformer", "torch.nn.Transformer, encoder and decoder", Translator, [ids(WORDS, 1, 40), ids(WORDS, 1, 32)],
    [ids(WORDS, 2, 30), ids(WORDS, 2, 21)])
