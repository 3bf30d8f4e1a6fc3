package dev.cresset.pt2;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A model that AOTInductor compiled: a shared library, for one kind of CPU and one LibTorch, and what its package notes of it.
 *
 * <p>It is native code. Nothing in it is checked here but that it arrived as it was packed, and nothing in it can be.
 *
 * <p>Instances are immutable and safe for use by several threads.
 *
 * @param name its name in the archive
 * @param metadata what its writer noted, by the writer's names, such as {@code AOTI_CPU_ISA}; empty if there is no note
 * @param files the sizes of its files in bytes, by their names in its folder: the library, its notes, its sources
 */
public record CompiledModel(String name, Map<String, String> metadata, Map<String, Long> files) {
    private static final String LIBRARY = ".so";

    /** Copies what is given. */
    public CompiledModel {
        metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
        files = Collections.unmodifiableMap(new LinkedHashMap<>(files));
    }

    /** Returns the file with the code; empty if there is none, or more than one. */
    public Optional<String> library() {
        List<String> libraries =
                files.keySet().stream().filter(file -> file.endsWith(LIBRARY)).toList();
        return libraries.size() == 1 ? Optional.of(libraries.get(0)) : Optional.empty();
    }

    /** Returns the kind of device that it computes on, such as {@code cpu} or {@code cuda}, if that was noted. */
    public Optional<String> device() {
        return Optional.ofNullable(metadata.get("AOTI_DEVICE_KEY"));
    }

    /** Returns the system that it is for as Python calls it, such as {@code linux} or {@code win32}, if that was noted. */
    public Optional<String> platform() {
        return Optional.ofNullable(metadata.get("AOTI_PLATFORM"));
    }

    /** Returns the kind of CPU that it is for, such as {@code x86_64}, if that was noted. */
    public Optional<String> machine() {
        return Optional.ofNullable(metadata.get("AOTI_MACHINE"));
    }

    /**
     * Returns the instructions for vectors that it was compiled for, such as {@code AVX2} or {@code AVX512 AVX512_VNNI}, if that
     * was noted. The compiler may have used more than these.
     */
    public Optional<String> instructions() {
        return Optional.ofNullable(metadata.get("AOTI_CPU_ISA"));
    }

    /** Returns what it is for in a few words, as far as that was noted: {@code cpu, linux, x86_64, AVX2}. */
    public String target() {
        String noted = Stream.of(device(), platform(), machine(), instructions())
                .flatMap(Optional::stream)
                .collect(Collectors.joining(", "));
        return noted.isEmpty() ? "what it does not say" : noted;
    }
}
