set :application, "bench"
set :repo_url, ENV.fetch("REPOSITORY")
set :branch, "main"
set :deploy_to, "/srv/bench"
set :format_options, log_file: nil

task :setup do
  on roles(:web) do
    execute :sudo, :install, "-d", "-o", "admin", "/srv/bench"
    upload! "../bench.service", "/tmp/bench.service"
    upload! "../site.conf", "/tmp/site.conf"
    execute :sudo, :mv, "/tmp/bench.service", "/etc/systemd/system/"
    execute :sudo, :mv, "/tmp/site.conf", "/etc/nginx/sites-enabled/default"
    execute :sudo, :systemctl, "daemon-reload"
    execute :sudo, :systemctl, :enable, "-q", :bench
    execute :sudo, :systemctl, :reload, :nginx
  end
end

namespace :deploy do
  task :dependencies do
    on roles(:web) do
      execute :python3, "-m", :venv, "/srv/bench/venv" unless test("[ -d /srv/bench/venv ]")
      execute :sudo, "-H", "/srv/bench/venv/bin/pip", :install, "-q", "-r", release_path.join("requirements.txt")
    end
  end
  after :updated, :dependencies

  task :restart do
    on roles(:web) do
      execute :sudo, :systemctl, :restart, :bench
    end
  end
  after :published, :restart
end
