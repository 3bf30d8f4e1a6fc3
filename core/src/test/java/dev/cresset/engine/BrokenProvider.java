package dev.cresset.engine;

/** Comes before the {@link FakeProvider} and never runs, so that every test shows that the next best engine is taken. */
public final class BrokenProvider implements EngineProvider {
    @Override
    public String name() {
        return "broken";
    }

    @Override
    public int priority() {
        return 1;
    }

    @Override
    public boolean isSupported() {
        return true;
    }

    @Override
    public Engine open() {
        throw new EngineException(EngineException.Kind.UNAVAILABLE, "it is broken");
    }
}
