package dev.cresset.engine;

/** Offers the {@link FakeEngine}, which is taken where there is no better one. */
public final class FakeProvider implements EngineProvider {
    @Override
    public String name() {
        return FakeEngine.NAME;
    }

    @Override
    public int priority() {
        return 0;
    }

    @Override
    public boolean isSupported() {
        return true;
    }

    @Override
    public Engine open() {
        return FakeEngine.instance();
    }
}
