package dev.cresset.torch.libraries;

import dev.cresset.engine.EngineException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A version of LibTorch, and which one a library is of. Names and layouts change with each minor version: with another one
 * than it was built for, the bridge would not be refused but crash.
 *
 * @param major the first number
 * @param minor the second
 * @param patch the third, which changes neither names nor layouts
 */
record LibTorchVersion(int major, int minor, int patch) {

    /** Of LibTorch's stable C interface, there since 2.7: it returns the version, a constant, and does nothing else. */
    private static final String FUNCTION = "aoti_torch_abi_version";

    private static final Pattern NUMBERS = Pattern.compile("(\\d+)\\.(\\d+)\\.(\\d+)");

    /** What the bridge and the presets are built for, as the build wrote it down. */
    static LibTorchVersion expected() {
        try (InputStream in = LibTorchVersion.class.getResourceAsStream("libtorch-version.txt")) {
            if (in == null) {
                throw new EngineException(
                        EngineException.Kind.UNAVAILABLE,
                        "libtorch-version.txt is not beside Cresset's classes; whatever merged its jar left it out");
            }
            String version = new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
            Matcher numbers = NUMBERS.matcher(version);
            if (!numbers.lookingAt()) {
                throw new EngineException(EngineException.Kind.UNAVAILABLE, "libtorch-version.txt says " + version);
            }
            return new LibTorchVersion(
                    Integer.parseInt(numbers.group(1)),
                    Integer.parseInt(numbers.group(2)),
                    Integer.parseInt(numbers.group(3)));
        } catch (IOException e) {
            throw new EngineException(EngineException.Kind.UNAVAILABLE, "cannot read libtorch-version.txt: " + e, e);
        }
    }

    /** The version of a file libtorch_cpu.so, which is not loaded for it; empty if it is older than the function that says so. */
    static Optional<LibTorchVersion> of(ElfFile torch) throws IOException {
        Optional<ByteBuffer> code = torch.code(FUNCTION, 20);
        return code.isEmpty() ? Optional.empty() : constant(torch.cpu(), code.get());
    }

    /** What a function returns that does nothing but return a number. */
    static Optional<LibTorchVersion> constant(String cpu, ByteBuffer code) {
        code.order(ByteOrder.LITTLE_ENDIAN);
        if (cpu.equals("x86_64")) {
            int at = code.getInt(0) == 0xfa1e0ff3 ? 4 : 0; // endbr64, where it is built to be jumped to
            boolean returns = code.getShort(at) == (short) 0xb848 && code.get(at + 10) == (byte) 0xc3; // movabs, ret
            return returns ? Optional.of(of(code.getLong(at + 2))) : Optional.empty();
        }
        if (cpu.equals("arm64")) {
            int at = code.getInt(0) == 0xd503245f ? 4 : 0; // bti c
            long value = 0;
            for (; at < code.limit() - 4; at += 4) {
                int word = code.getInt(at);
                boolean moves = (word & 0xff80001f) == 0xd2800000; // movz x0
                boolean keeps = (word & 0xff80001f) == 0xf2800000; // movk x0
                if (!moves && !keeps) {
                    break;
                }
                int shift = 16 * (word >>> 21 & 3);
                value = (moves ? 0 : value & ~(0xffffL << shift)) | (long) (word >>> 5 & 0xffff) << shift;
            }
            return code.getInt(at) == 0xd65f03c0 ? Optional.of(of(value)) : Optional.empty(); // ret
        }
        return Optional.empty();
    }

    private static LibTorchVersion of(long packed) {
        return new LibTorchVersion((int) (packed >>> 56), (int) (packed >>> 48 & 0xff), (int) (packed >>> 40 & 0xff));
    }

    boolean fits(LibTorchVersion other) {
        return major == other.major && minor == other.minor;
    }

    /** Any version that fits, as pip's pattern. */
    String pattern() {
        return major + "." + minor + ".*";
    }

    @Override
    public String toString() {
        return major + "." + minor + "." + patch;
    }
}
