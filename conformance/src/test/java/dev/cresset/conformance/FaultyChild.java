package dev.cresset.conformance;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/** A child that computes nothing: it answers right but for the third case, which kills it, and the fifth, which never ends. */
final class FaultyChild {

    static final int DEADLY = 2;
    static final int ENDLESS = 4;

    private FaultyChild() {}

    public static void main(String[] args) throws IOException {
        Shard shard = Shard.read(Path.of(args[0]));
        String deadly = shard.cases().get(DEADLY).name();
        String endless = shard.cases().get(ENDLESS).name();
        Child.work(args, (one, module, engine, way) -> {
            if (one.name().equals(deadly)) {
                Runtime.getRuntime().halt(134);
            } else if (one.name().equals(endless)) {
                forever();
            }
            return Outcome.EQUAL;
        });
    }

    private static void forever() {
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
