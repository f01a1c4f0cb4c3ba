namespace Microsoft.ML.Diffusion.Benchmarks;

/// <summary>Error of one solver against its effort: network calls or steps.</summary>
internal sealed record ErrorCurve(string Name, IReadOnlyList<(int Effort, double Error)> Points);

/// <summary>The curves of one problem.</summary>
internal sealed record ErrorPanel(string Title, IReadOnlyList<ErrorCurve> Curves);
