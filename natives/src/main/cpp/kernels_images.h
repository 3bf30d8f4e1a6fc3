// What stands between convolutions.

void mean(const float* x, int64_t pixels, int64_t channels, float* means) {
    constexpr int kParts = 4;
    for (int64_t c = 0; c < channels; c += LANES) {
        const int64_t many = channels - c;
        Vector sums[kParts] = {};
        int64_t pixel = 0;
        for (; pixel + kParts <= pixels; pixel += kParts) {
            for (int i = 0; i < kParts; i++) {
                sums[i] += load(x + (pixel + i) * channels + c, many);
            }
        }
        for (; pixel < pixels; pixel++) {
            sums[0] += load(x + pixel * channels + c, many);
        }
        store(means + c, ((sums[0] + sums[1]) + (sums[2] + sums[3])) / static_cast<float>(pixels), many);
    }
}

void scale(const float* x, int64_t pixels, int64_t channels, const float* by, float* out) {
    for (int64_t pixel = 0; pixel < pixels; pixel++, x += channels, out += channels) {
        for (int64_t c = 0; c < channels; c += LANES) {
            store(out + c, load(x + c, channels - c) * load(by + c, channels - c), channels - c);
        }
    }
}
