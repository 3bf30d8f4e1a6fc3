"""Networks that go from step to step."""

import torch
from torch import nn

from .registry import add, floats, ids


class Tagger(nn.Module):
    def __init__(self, cell, both, layers=1):
        super().__init__()
        self.embed = nn.Embedding(1000, 64)
        self.cell = cell(64, 96, layers, batch_first=True, bidirectional=both)
        self.out = nn.Linear(96 * (2 if both else 1), 12)

    def forward(self, tokens):
        return self.out(self.cell(self.embed(tokens))[0])


class LanguageModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(2000, 256)
        self.cell = nn.LSTM(256, 256, 2, batch_first=True)
        self.out = nn.Linear(256, 2000)

    def forward(self, tokens):
        return self.out(self.cell(self.embed(tokens))[0][:, -1])


class Crnn(nn.Module):
    """Reads a line of text from an image: convolutions, then both ways along the line."""

    def __init__(self):
        super().__init__()
        layers, channels = [], 1
        for width, pool in ((32, (2, 2)), (64, (2, 2)), (128, (2, 1)), (128, (2, 1))):
            layers += [nn.Conv2d(channels, width, 3, padding=1), nn.BatchNorm2d(width), nn.ReLU(), nn.MaxPool2d(pool)]
            channels = width
        self.features = nn.Sequential(*layers)
        self.cell = nn.LSTM(256, 64, bidirectional=True, batch_first=True)
        self.out = nn.Linear(128, 40)

    def forward(self, line):
        seen = self.features(line)
        steps = seen.permute(0, 3, 1, 2).flatten(2)
        return self.out(self.cell(steps)[0]).log_softmax(2)


class Translator(nn.Module):
    """Two GRUs with attention between them, one decoder step after the other."""

    def __init__(self):
        super().__init__()
        self.source, self.target = nn.Embedding(1000, 64), nn.Embedding(1000, 64)
        self.encoder = nn.GRU(64, 64, batch_first=True, bidirectional=True)
        self.cell = nn.GRUCell(64 + 128, 128)
        self.out = nn.Linear(256, 1000)

    def forward(self, source, target):
        memory = self.encoder(self.source(source))[0]
        state = memory.mean(1)
        steps: list[torch.Tensor] = []
        words = self.target(target)
        for i in range(words.shape[1]):
            weights = torch.softmax(torch.bmm(memory, state.unsqueeze(2)), dim=1)
            context = (weights * memory).sum(1)
            state = self.cell(torch.cat([words[:, i], context], 1), state)
            steps.append(self.out(torch.cat([state, context], 1)))
        return torch.stack(steps, 1)


class Speech(nn.Module):
    """DeepSpeech-like: two convolutions over a spectrogram, then GRUs."""

    def __init__(self):
        super().__init__()
        self.front = nn.Sequential(
            nn.Conv2d(1, 16, (11, 5), stride=2, padding=(5, 2)), nn.BatchNorm2d(16), nn.Hardtanh(0, 20),
            nn.Conv2d(16, 16, (11, 5), stride=(2, 1), padding=(5, 2)), nn.BatchNorm2d(16), nn.Hardtanh(0, 20))
        self.cell = nn.GRU(16 * 20, 128, 2, batch_first=True, bidirectional=True)
        self.out = nn.Linear(256, 29)

    def forward(self, spectrogram):
        steps = self.front(spectrogram).permute(0, 3, 1, 2).flatten(2)
        return self.out(self.cell(steps)[0]).log_softmax(-1)


def recurrent(name, description, build, inputs, *others, **how):
    add(name, "recurrent", description, build, inputs, *others, **how)


recurrent("gru", "GRU tagger", lambda: Tagger(nn.GRU, False), [ids(1000, 1, 40)], [ids(1000, 3, 25)])
recurrent("bilstm", "BiLSTM tagger", lambda: Tagger(nn.LSTM, True), [ids(1000, 1, 40)], [ids(1000, 3, 25)])
recurrent("bigru_2", "GRU, both ways, two layers, scripted", lambda: Tagger(nn.GRU, True, 2), [ids(1000, 1, 40)], [ids(1000, 3, 25)], script=True)
recurrent("rnn_tanh", "plain RNN tagger", lambda: Tagger(nn.RNN, False), [ids(1000, 1, 40)], [ids(1000, 3, 25)])
recurrent("lstm_lm", "LSTM language model, two layers", LanguageModel, [ids(2000, 1, 32)], [ids(2000, 2, 48)])
recurrent("crnn", "CRNN (OCR)", Crnn, [floats(1, 1, 32, 128)], [floats(1, 1, 32, 160)])
recurrent("gru_attention", "GRU encoder and decoder with attention, scripted", Translator, [ids(1000, 1, 16), ids(1000, 1, 12)],
          [ids(1000, 2, 11), ids(1000, 2, 12)], script=True)
recurrent("deepspeech", "convolutions over a spectrogram, then GRUs", Speech, [floats(1, 1, 80, 100)], [floats(1, 1, 80, 140)])
