namespace Microsoft.ML.Diffusion.Benchmarks;

/// <summary>Error against network calls of one solver.</summary>
internal sealed record ErrorCurve(string Name, IReadOnlyList<(int Calls, double Error)> Points);

/// <summary>The curves of one problem.</summary>
internal sealed record ErrorPanel(string Title, IReadOnlyList<ErrorCurve> Curves);
