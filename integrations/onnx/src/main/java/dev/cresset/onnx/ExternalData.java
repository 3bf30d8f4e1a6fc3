package dev.cresset.onnx;

import dev.cresset.engine.EngineException;
import dev.cresset.engine.ModelSource;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * The files that a model's tensors are in ({@code TensorProto.external_data}), wherever in the model a tensor may be. One that a
 * tensor names but does not use counts too: which of them are used is for ONNX Runtime to find out, after it has begun to look.
 *
 * <p>Used by one thread.
 */
final class ExternalData {

    private final Set<String> files = new LinkedHashSet<>();

    private ExternalData() {}

    static Set<String> files(ModelSource source) {
        ExternalData data = new ExternalData();
        try {
            if (source instanceof ModelSource.InFile file) {
                try (InputStream in = new BufferedInputStream(Files.newInputStream(file.path()))) {
                    new ProtoReader(in, Files.size(file.path())).each(data::ofModel);
                }
            } else if (source instanceof ModelSource.InMemory memory) {
                ByteBuffer bytes = memory.bytes().duplicate();
                new ProtoReader(new BufferInput(bytes), bytes.remaining()).each(data::ofModel);
            }
        } catch (IOException e) {
            throw new EngineException(EngineException.Kind.LOAD, "it is no whole ONNX file: " + e.getMessage(), e);
        }
        return data.files;
    }

    private void ofModel(int field, ProtoReader content) throws IOException {
        switch (field) {
            case 7 -> content.each(this::ofGraph);
            case 20 -> content.each(this::ofTraining);
            case 25 -> content.each(this::ofFunction);
            default -> {}
        }
    }

    private void ofTraining(int field, ProtoReader content) throws IOException {
        if (field == 1 || field == 2) {
            content.each(this::ofGraph);
        }
    }

    private void ofGraph(int field, ProtoReader content) throws IOException {
        switch (field) {
            case 1 -> content.each(this::ofNode);
            case 5 -> content.each(this::ofTensor);
            case 15 -> content.each(this::ofSparseTensor);
            default -> {}
        }
    }

    private void ofFunction(int field, ProtoReader content) throws IOException {
        switch (field) {
            case 7 -> content.each(this::ofNode);
            case 11 -> content.each(this::ofAttribute);
            default -> {}
        }
    }

    private void ofNode(int field, ProtoReader content) throws IOException {
        if (field == 5) {
            content.each(this::ofAttribute);
        }
    }

    private void ofAttribute(int field, ProtoReader content) throws IOException {
        switch (field) {
            case 5, 10 -> content.each(this::ofTensor);
            case 6, 11 -> content.each(this::ofGraph);
            case 22, 23 -> content.each(this::ofSparseTensor);
            default -> {}
        }
    }

    private void ofSparseTensor(int field, ProtoReader content) throws IOException {
        if (field == 1 || field == 2) {
            content.each(this::ofTensor);
        }
    }

    private void ofTensor(int field, ProtoReader content) throws IOException {
        if (field == 13) {
            String[] entry = {"", ""};
            content.each((part, text) -> {
                if (part == 1 || part == 2) {
                    entry[part - 1] = text.text();
                }
            });
            if (entry[0].equals("location")) {
                files.add(entry[1]);
            }
        }
    }

    /** A buffer as a stream. */
    private static final class BufferInput extends InputStream {
        private final ByteBuffer bytes;

        BufferInput(ByteBuffer bytes) {
            this.bytes = bytes;
        }

        @Override
        public int read() {
            return bytes.hasRemaining() ? bytes.get() & 0xff : -1;
        }

        @Override
        public int read(byte[] into, int offset, int length) {
            if (length > 0 && !bytes.hasRemaining()) {
                return -1;
            }
            int count = Math.min(length, bytes.remaining());
            bytes.get(into, offset, count);
            return count;
        }

        @Override
        public long skip(long count) {
            int skipped = (int) Math.max(0, Math.min(count, bytes.remaining()));
            bytes.position(bytes.position() + skipped);
            return skipped;
        }
    }
}
