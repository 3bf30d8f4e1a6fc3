"""Networks that listen."""

import torch
import transformers as hf
from torch import nn

from .registry import add, floats
from .text import Last


class Conformer(nn.Module):
    """Half a feed-forward, attention, a gated depthwise convolution, the other half."""

    class Block(nn.Module):
        def __init__(self, width, heads, kernel):
            super().__init__()
            self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(5))
            self.before, self.after = (
                nn.Sequential(nn.Linear(width, 4 * width), nn.SiLU(), nn.Linear(4 * width, width)) for _ in range(2))
            self.attention = nn.MultiheadAttention(width, heads, batch_first=True)
            self.open = nn.Conv1d(width, 2 * width, 1)
            self.depthwise = nn.Conv1d(width, width, kernel, padding=kernel // 2, groups=width)
            self.batch = nn.BatchNorm1d(width)
            self.close = nn.Conv1d(width, width, 1)

        def forward(self, x):
            x = x + 0.5 * self.before(self.norms[0](x))
            y = self.norms[1](x)
            x = x + self.attention(y, y, y, need_weights=False)[0]
            y = nn.functional.glu(self.open(self.norms[2](x).transpose(1, 2)), dim=1)
            x = x + self.close(nn.functional.silu(self.batch(self.depthwise(y)))).transpose(1, 2)
            return self.norms[4](x + 0.5 * self.after(self.norms[3](x)))

    def __init__(self, width=144, layers=3):
        super().__init__()
        self.first = nn.Linear(80, width)
        self.blocks = nn.ModuleList(self.Block(width, 4, 31) for _ in range(layers))
        self.out = nn.Linear(width, 32)

    def forward(self, features):
        x = self.first(features)
        for block in self.blocks:
            x = block(x)
        return self.out(x).log_softmax(-1)


class Separator(nn.Module):
    """Conv-TasNet-like: learned filters, dilated separable convolutions, a mask for each speaker."""

    def __init__(self):
        super().__init__()
        self.encode = nn.Conv1d(1, 128, 16, stride=8)
        self.norm = nn.GroupNorm(1, 128)
        self.narrow = nn.Conv1d(128, 64, 1)
        self.blocks = nn.ModuleList(
            nn.Sequential(nn.Conv1d(64, 128, 1), nn.PReLU(), nn.GroupNorm(1, 128),
                          nn.Conv1d(128, 128, 3, padding=d, dilation=d, groups=128), nn.PReLU(), nn.GroupNorm(1, 128), nn.Conv1d(128, 64, 1))
            for d in (1, 2, 4, 8))
        self.mask = nn.Conv1d(64, 256, 1)
        self.decode = nn.ConvTranspose1d(128, 1, 16, stride=8)

    def forward(self, signal):
        heard = self.encode(signal)
        x = self.narrow(self.norm(heard))
        for block in self.blocks:
            x = x + block(x)
        masks = torch.sigmoid(self.mask(x)).unflatten(1, (2, 128))
        return self.decode((masks * heard.unsqueeze(1)).flatten(0, 1)).unflatten(0, (-1, 2)).squeeze(2)


class Vocoder(nn.Module):
    """HiFi-GAN-like: a spectrogram grows to a signal."""

    def __init__(self):
        super().__init__()
        self.first = nn.Conv1d(80, 128, 7, padding=3)
        self.ups, self.residuals, channels = nn.ModuleList(), nn.ModuleList(), 128
        for rate in (8, 4, 2):
            self.ups.append(nn.ConvTranspose1d(channels, channels // 2, 2 * rate, stride=rate, padding=rate // 2))
            channels //= 2
            self.residuals.append(nn.ModuleList(nn.Conv1d(channels, channels, 3, padding=d, dilation=d) for d in (1, 3, 5)))
        self.last = nn.Conv1d(channels, 1, 7, padding=3)

    def forward(self, spectrogram):
        x = self.first(spectrogram)
        for up, residual in zip(self.ups, self.residuals):
            x = up(nn.functional.leaky_relu(x, 0.1))
            for convolution in residual:
                x = x + convolution(nn.functional.leaky_relu(x, 0.1))
        return torch.tanh(self.last(nn.functional.leaky_relu(x)))


def audio(name, description, build, inputs, *others):
    add(name, "audio", description, build, inputs, *others)


audio("conformer", "conformer", Conformer, [floats(1, 100, 80)], [floats(2, 70, 80)])
audio("whisper_encoder", "transformers whisper encoder",
      lambda: Last(hf.models.whisper.modeling_whisper.WhisperEncoder(hf.WhisperConfig(
          d_model=192, encoder_layers=3, encoder_attention_heads=3, encoder_ffn_dim=768, max_source_positions=250))), [floats(1, 80, 500)])
audio("wav2vec2", "transformers wav2vec 2.0, small",
      lambda: Last(hf.Wav2Vec2ForCTC(hf.Wav2Vec2Config(
          hidden_size=192, num_hidden_layers=3, num_attention_heads=3, intermediate_size=768, conv_dim=(128,) * 7,
          num_conv_pos_embeddings=32, num_conv_pos_embedding_groups=8))), [floats(1, 8000)], [floats(2, 6000)])
audio("ast", "transformers audio spectrogram transformer, small",
      lambda: Last(hf.ASTModel(hf.ASTConfig(
          hidden_size=192, num_hidden_layers=3, num_attention_heads=3, intermediate_size=768, max_length=256))), [floats(1, 256, 128)])
audio("convtasnet", "Conv-TasNet-like separation of speakers", Separator, [floats(1, 1, 4000)], [floats(2, 1, 3200)])
audio("hifigan", "HiFi-GAN-like vocoder", Vocoder, [floats(1, 80, 40)], [floats(1, 80, 55)])
