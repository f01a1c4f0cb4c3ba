namespace Microsoft.ML.Diffusion.TestSupport;

/// <summary>What build/test-other-processors.sh asks for and no variable of libtorch's own says.</summary>
public static class ProcessorSetting
{
    /// <summary>Turns oneDNN off in the test process.</summary>
    public const string OneDnnVariable = "DIFFUSION_TEST_ONEDNN";

    /// <summary>Whether the number of threads is given from outside, and no test may choose another.</summary>
    public static bool GivesThreads => Environment.GetEnvironmentVariable("OMP_NUM_THREADS") is { Length: > 0 };

    public static void Apply()
    {
        string? oneDnn = Environment.GetEnvironmentVariable(OneDnnVariable);
        if (oneDnn is not (null or "" or "on" or "off"))
            throw new InvalidOperationException($"{OneDnnVariable} is '{oneDnn}'; expected 'on' or 'off'.");
        if (oneDnn == "off" && !FastConvolutions.TryTurnOff())
            throw new InvalidOperationException("oneDNN can not be turned off in this libtorch.");
    }
}
