package dev.cresset.benchmarks.zoo;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;

/** What one side said of one model: that it was ready and how far its answer was off, then nanoseconds a call, round by round. */
final class Times {
    private String state;
    private final List<double[]> rounds = new ArrayList<>();

    Times(String state) {
        this.state = state;
    }

    /** Whether it computes the model, and as right as it may with such numbers. */
    boolean isReady(Numerics numerics) {
        return state.startsWith("ready ") && distance() <= numerics.tolerance;
    }

    /** How far its answer is from PyTorch's. */
    double distance() {
        return Double.parseDouble(state.split(" ", 3)[1]);
    }

    /** What it said of itself. */
    String state() {
        return state;
    }

    /** Adds a round; false if there was none. */
    boolean add(String line) {
        if (!line.startsWith("time ")) {
            state = line;
            rounds.clear();
            return false;
        }
        String[] words = line.split(" ", -1);
        double[] round = new double[4];
        for (int i = 0; i < 4; i++) {
            round[i] = Double.parseDouble(words[i + 1]);
        }
        rounds.add(round);
        return true;
    }

    boolean isTimed() {
        return !rounds.isEmpty();
    }

    /** Nanoseconds of CPU, the least of all rounds: what a machine that does other work besides can say. */
    double cpu() {
        return rounds.stream().mapToDouble(round -> round[0]).min().orElse(Double.NaN);
    }

    /** Nanoseconds of wall time, the median of the rounds' medians. */
    double wall() {
        List<Double> medians = rounds.stream().map(round -> round[3]).collect(Collectors.toCollection(ArrayList::new));
        Collections.sort(medians);
        return medians.isEmpty() ? Double.NaN : medians.get(medians.size() / 2);
    }

    /** The figure that is compared: CPU of one thread; wall of more, the least of all rounds. */
    double figure(int threads) {
        return threads == 1
                ? cpu()
                : rounds.stream().mapToDouble(round -> round[2]).min().orElse(Double.NaN);
    }

    /** The rounds, for a file. */
    List<double[]> rounds() {
        return List.copyOf(rounds);
    }
}
