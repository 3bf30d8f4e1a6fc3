package dev.cresset.engine;

import dev.cresset.config.SystemProperties;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a model computes: the CPU, or one of the machine's GPUs. A model is put on its device when it is opened and stays there.
 *
 * <p>That one can be named does not say that it is there: {@link #available} does.
 *
 * <p>Instances are immutable, safe for use by several threads.
 *
 * @param kind what it is
 * @param index which of its kind, from zero; of CPUs there is one
 */
public record Device(Kind kind, int index) {

    /** What computes. There may be more kinds one day. */
    public enum Kind {
        /** The processors, all of them together. */
        CPU,
        /** A GPU of NVIDIA's. */
        CUDA
    }

    private static final Device CPU = new Device(Kind.CPU, 0);
    private static final Pattern WORDS = Pattern.compile("(cpu|cuda)(?::(\\d{1,4}))?");

    /** Checks the index. */
    public Device {
        Objects.requireNonNull(kind, "kind");
        if (index < 0 || (kind == Kind.CPU && index > 0)) {
            throw new IllegalArgumentException("a device " + kind + " with index " + index + ", expected "
                    + (kind == Kind.CPU ? "0, for there is one" : "0 or more"));
        }
    }

    /** The CPU: what is used where nothing is said. */
    public static Device cpu() {
        return CPU;
    }

    /** A GPU, by the number that CUDA gives it in this process: {@code CUDA_VISIBLE_DEVICES} changes it. */
    public static Device cuda(int index) {
        return new Device(Kind.CUDA, index);
    }

    /**
     * A device in PyTorch's words: {@code cpu}, {@code cuda:1}, and {@code cuda} for the first GPU.
     *
     * @throws IllegalArgumentException if it is none
     */
    public static Device parse(String words) {
        Matcher matcher = WORDS.matcher(words);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("'" + words + "' is no device, expected cpu, cuda, or cuda:0 and so on");
        }
        int index = matcher.group(2) == null ? 0 : Integer.parseInt(matcher.group(2));
        return new Device(matcher.group(1).equals("cpu") ? Kind.CPU : Kind.CUDA, index);
    }

    /**
     * The devices of this machine that models can be opened on, the CPU first, with what is to be had of their memory now: those of the
     * best engine that runs here, or of the one that the property {@code cresset.engine} names. Empty if none runs. May load an engine's
     * libraries, which takes a moment; {@code Doctor} says why a device is missing.
     */
    public static List<DeviceReport> available() {
        String named = System.getProperty(SystemProperties.ENGINE);
        for (EngineProvider provider : EngineProvider.all().stream()
                .filter(one -> named == null ? one.isSupported() : one.name().equals(named))
                .toList()) {
            try {
                return List.copyOf(provider.open().devices());
            } catch (EngineException e) {
                // it cannot run here; the next best may
            }
        }
        return List.of();
    }

    /** Whether it is the CPU. */
    public boolean isCpu() {
        return kind == Kind.CPU;
    }

    /** PyTorch's words: {@code cpu}, {@code cuda:0}. */
    @Override
    public String toString() {
        return kind == Kind.CPU ? "cpu" : "cuda:" + index;
    }
}
