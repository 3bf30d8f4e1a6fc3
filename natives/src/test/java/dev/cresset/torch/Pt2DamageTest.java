package dev.cresset.torch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.engine.EngineException;
import dev.cresset.pt2.ExportedProgram;
import dev.cresset.pt2.Pt2Archive;
import dev.cresset.torch.exported.LoweredPrograms;
import java.io.IOException;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The bridge is given programs whose words are not what Java wrote: each is refused by a typed exception, or is a module. Tried in a JVM of
 * its own, which a crash would end.
 */
class Pt2DamageTest {

    private static final int TRIES = Integer.getInteger("cresset.damage", 300);

    @TempDir
    Path folder;

    @Test
    void load_ofOtherWords_isTypedOrRight() throws Exception {
        for (String file :
                new String[] {"mlp.core.pt2", "nested.default.pt2", "branch.default.pt2", "loop.default.pt2"}) {
            ChildJvm child = ChildJvm.run(
                    Tries.class, ChildJvm::withoutFake, folder, "-Xmx256m", "-Dfile=" + file, "-Dtries=" + TRIES);

            assertThat(child.exitCode()).as(file + ": " + child.output()).isZero();
            assertThat(child.output()).contains("refused").contains("tried " + TRIES);
        }
    }

    /** In the other JVM: words changed, lost, and words of no program at all. */
    static final class Tries {

        private Tries() {}

        public static void main(String[] arguments) throws IOException {
            BridgeEngine.instance();
            Path file = Pt2Fixtures.path(System.getProperty("file"));
            int tries = Integer.getInteger("tries");
            Random random = new Random(1);
            int refused = 0;
            try (Pt2Archive archive = Pt2Archive.open(file)) {
                Map<String, ExportedProgram> programs = new LinkedHashMap<>();
                for (String name : archive.programs()) {
                    programs.put(name, archive.program(name));
                }
                LoweredPrograms lowered = LoweredPrograms.of(archive, programs);
                for (int i = 0; i < tries; i++) {
                    try {
                        load(file, changed(lowered.words(), random));
                    } catch (EngineException e) {
                        refused++;
                    }
                }
            }
            System.out.println("refused " + (refused > 0) + ", tried " + tries);
        }

        private static ByteBuffer changed(ByteBuffer words, Random random) {
            LongBuffer before = words.duplicate().order(ByteOrder.nativeOrder()).asLongBuffer();
            int count = random.nextInt(10) == 0 ? random.nextInt(before.remaining()) + 1 : before.remaining();
            ByteBuffer changed = ByteBuffer.allocateDirect(count * Long.BYTES).order(ByteOrder.nativeOrder());
            LongBuffer after = changed.asLongBuffer().put(before.slice(0, count));
            boolean isNone = random.nextInt(20) == 0;
            int changes = isNone ? count : 1 + random.nextInt(3);
            for (int i = 0; i < changes; i++) {
                int at = isNone ? i : random.nextInt(count);
                long word = after.get(at);
                after.put(
                        at,
                        switch (random.nextInt(5)) {
                            case 0 -> random.nextInt(16);
                            case 1 -> word + random.nextInt(5) - 2;
                            case 2 -> random.nextLong();
                            case 3 -> -word;
                            default -> after.get(random.nextInt(count));
                        });
            }
            return changed;
        }

        private static void load(Path file, ByteBuffer words) {
            Request request = new Request(new WireBlock(1024))
                    .text(file.toString())
                    .word(0)
                    .word(0)
                    .word(1)
                    .word(1)
                    .word(0)
                    .word(Bridge.addressOf(words))
                    .word(words.capacity() / Long.BYTES);
            Reply reply = new Reply(new WireBlock(16 * 1024));
            try {
                reply.received(Bridge.load(request.address(), reply.address(), reply.capacity()));
            } finally {
                Reference.reachabilityFence(words);
                Reference.reachabilityFence(request);
            }
            Bridge.unload(reply.word());
        }
    }
}
