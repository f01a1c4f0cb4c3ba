namespace Microsoft.ML.Diffusion.Benchmarks;

/// <summary>Samples of one guidance at one scale.</summary>
/// <param name="Name">The guidance.</param>
/// <param name="Scale">Its scale.</param>
/// <param name="Verdict">What the judge thinks of them.</param>
/// <param name="Seconds">The time a sample took.</param>
internal sealed record GuidanceTrial(string Name, double Scale, Verdict Verdict, double Seconds);
