class EksGetToken < Formula
  desc "Kubernetes credentials for Amazon EKS, as `aws eks get-token` prints them"
  homepage "{{baseUrl}}"
  version "{{version}}"
  license "Apache-2.0"

  on_macos do
    on_arm do
      url "{{baseUrl}}/eks-get-token-{{version}}-darwin-arm64.tar.gz"
      sha256 "{{sha256:darwin-arm64}}"
    end
    on_intel do
      url "{{baseUrl}}/eks-get-token-{{version}}-darwin-x64.tar.gz"
      sha256 "{{sha256:darwin-x64}}"
    end
  end

  on_linux do
    on_arm do
      url "{{baseUrl}}/eks-get-token-{{version}}-linux-arm64.tar.gz"
      sha256 "{{sha256:linux-arm64}}"
    end
    on_intel do
      url "{{baseUrl}}/eks-get-token-{{version}}-linux-x64.tar.gz"
      sha256 "{{sha256:linux-x64}}"
    end
  end

  def install
    bin.install "eks-get-token"
    man1.install "eks-get-token.1"
    bash_completion.install "completions/eks-get-token.bash" => "eks-get-token"
    zsh_completion.install "completions/_eks-get-token"
    fish_completion.install "completions/eks-get-token.fish"
  end

  test do
    assert_match "eks-get-token/#{version}", shell_output("#{bin}/eks-get-token --version")
  end
end
